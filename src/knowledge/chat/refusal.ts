/** A refusal is short; longer texts that begin with an apology mostly go on with an answer. */
const mostWords = 80;

const unable =
  "(?:can(?:no|['’])?t|can ?not|am unable|['’]m unable|am not able|['’]m not able|won['’]t|will not|do not|don['’]t|must decline|have to decline)";
const task =
  "(?:help|assist|comply|fulfil+|provide|create|generate|write|describe|infer|determine|do (?:that|this)|answer|continue|process|analy[sz]e|discuss|engage|make|offer|share|have (?:access|enough|the ability)|complete|support|respond|judge|produce)";

const patterns: readonly RegExp[] = [
  new RegExp(
    `^(?:(?:i['’]?m|i am) (?:\\w+ ){0,2}sorry|sorry|i apologi[sz]e|my apologies|unfortunately|regrettably)\\b[^.!?]{0,80}?\\b(?:i|we)\\s?${unable}\\b`,
    "iu",
  ),
  new RegExp(`^(?:i|we)\\s?${unable}\\b(?:\\s+\\w+){0,3}?\\s+${task}\\b`, "iu"),
  /^as an? (?:ai|artificial|large|language|llm)\b[^.!?]{0,120}\b(?:i|we)\s?(?:can|do|am|['’]m|must|have|will|won)/iu,
  /^(?:this|that|your) (?:request|question|content) (?:violates|goes against|is against|cannot be|can['’]?t be)/iu,
  /^(?:很?抱歉|对不起|不好意思|我(?:无法|不能)|作为(?:一个|一名)?(?:ai|人工智能|语言模型))/iu,
  /^(?:申し訳(?:ありません|ございません)|すみません|죄송합니다|죄송하지만)/u,
  /^(?:lo siento|lo lamento|je suis désolée?|désolée?,|es tut mir leid|tut mir leid|desculpe|sinto muito|mi dispiace|извините|к сожалению, я)/iu,
];

/** Whether a text, without thinking and fences, is a refusal to answer, and nothing else. */
export function isRefusal(text: string): boolean {
  const plain = text.replace(/^[\s*_#>"“'‘`]+/u, "");
  if (plain.split(/\s+/u, mostWords + 1).length > mostWords || plain.length > 1000) return false;
  return patterns.some((pattern) => pattern.test(plain));
}
