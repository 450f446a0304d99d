/** What to do without a network. */
export function manualSteps(id: string, folder: string): string {
  return (
    `Without a network, download these files of https://huggingface.co/${id}/tree/main elsewhere and put them into ${folder}:\n` +
    "  config.json, tokenizer.json\n" +
    "  model.onnx and the files of weights beside it (model.onnx_data), or the folder onnx with them"
  );
}
