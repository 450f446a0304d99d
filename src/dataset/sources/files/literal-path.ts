export { literalPath } from "../../../tables/literal-path.ts";
