// Unpacks the files with the ending .br of a folder (the first argument) into another (the second).
import { createReadStream, createWriteStream, readdirSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

const [from, to] = process.argv.slice(2);
for (const name of readdirSync(from).filter((name) => name.endsWith(".br"))) {
  const unpacked = createWriteStream(`${to}/${name.slice(0, -".br".length)}`);
  await pipeline(createReadStream(`${from}/${name}`), createBrotliDecompress(), unpacked);
}
