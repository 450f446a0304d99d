/** How the settings of a pipeline file name what can be changed. */
export const settingNames = {
  maxTokens: "finetune.maxTokens",
  maxLong: "finetune.maxLong",
  base: "finetune.base",
} as const;
