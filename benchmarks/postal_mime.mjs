// What postal-mime reads in the mails whose files are named: one JSON list, a mail each.

import { readFile } from "node:fs/promises";
import PostalMime from "postal-mime";

const read = async (file) => {
  const mail = await PostalMime.parse(await readFile(file));
  const headers = mail.headers.map((header) => header.key);
  return { headers, subject: mail.subject, text: mail.text, html: mail.html };
};

console.log(JSON.stringify(await Promise.all(process.argv.slice(2).map(read))));
