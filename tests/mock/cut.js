// Cuts a forge's description down to what Holdfast asks, or a server of it takes a minute to start.
const fs = require("fs");
const [source, target] = process.argv.slice(2);
const described = JSON.parse(fs.readFileSync(source));
const paths = described.paths;
const asked = new RegExp(
  "^/(user|user/orgs|user/repos|repos/\\{owner\\}/\\{repo\\}/keys.*" +
    "|user/workspaces|repositories/\\{workspace\\}(/\\{repo_slug\\}/deploy-keys.*)?)$",
);
// Bitbucket's list of workspaces has moved since, and has the same of each
if (paths["/user/permissions/workspaces"]) {
  paths["/user/workspaces"] = paths["/user/permissions/workspaces"];
}
// a new deploy key is sent as its text shows, which the description itself leaves out
const key = paths["/repositories/{workspace}/{repo_slug}/deploy-keys"];
if (key) key.post.requestBody = { required: true, content: { "application/json": {} } };
for (const path of Object.keys(paths)) {
  if (!asked.test(path)) delete paths[path];
}
// the example of GitHub's promises a next page at another server
if (described.components.headers?.link) {
  described.components.headers.link.example = '<https://api.github.com/resource?page=1>; rel="first"';
}
// so do those of Bitbucket's pages
for (const schema of Object.values(described.components.schemas ?? {})) {
  if (schema.properties?.values) delete schema.properties.next;
}
fs.writeFileSync(target, JSON.stringify(described));
