// What stands in an export, told to whoever opens it.
export const exportReadme = `# An export from Parley

- \`manifest.json\`: the format's version, when and of whom this was made, and for each file its size, its SHA-256 and its rows.
- \`data/*.jsonl\`: one table each, one row a line (JSON, UTF-8). Names of columns are those of the database; moments are
  ISO 8601 in UTC; what rests encrypted is in plain text here. A column \`…_unreadable\` says that a value could not be opened.
- \`files/<folder>/<id>\`: files of messages (\`media\`), of chats (\`chat\`) and of knowledge (\`training\`); their kind and
  their message stand in \`data/media.jsonl\`, \`data/chat-files.jsonl\` and \`data/training-data.jsonl\` under the same id.
- \`data/people.jsonl\`: of a whole workspace, the names and addresses of those who are members.
- \`contacts.csv\` and \`messages.csv\`: the same once more, for a spreadsheet.

Keys, passwords and credentials of providers are left out. The format is described in docs/guides/export.md of Parley.
`;
