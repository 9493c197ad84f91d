// Reads result files with Allure's own readers and prints what they understood, as JSON: node read_results.mjs READER FILE...
import { allure2, junitXml } from "@allurereport/reader";
import { PathResultFile } from "@allurereport/reader-api";
import { basename } from "node:path";

const [name, ...files] = process.argv.slice(2);
const reader = { allure2, junitXml }[name];
const seen = { results: [], metadata: {}, attachments: [], refused: [], matched: [] };
const visitor = {
  visitTestResult: async (result) => { seen.results.push(result); },
  visitTestFixtureResult: async () => {},
  visitAttachmentFile: async (file) => { seen.attachments.push(file.getOriginalFileName()); },
  visitMetadata: async (metadata) => { Object.assign(seen.metadata, metadata); },
  visitGlobals: async () => {},
  visitCheckResult: async () => {},
  visitMetrics: async () => {},
};
for (const path of files) {
  const file = new PathResultFile(path);
  if (await reader.matches(file)) seen.matched.push(basename(path));
  if (!(await reader.read(visitor, file))) seen.refused.push(basename(path));
}
process.stdout.write(JSON.stringify(seen));
