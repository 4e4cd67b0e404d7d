// Cuts GitHub's description down to what Holdfast asks, or a server of it takes a minute to start.
const fs = require("fs");
const [source, target] = process.argv.slice(2);
const described = JSON.parse(fs.readFileSync(source));
const asked = /^\/(user|user\/orgs|user\/repos|repos\/\{owner\}\/\{repo\}\/keys.*)$/;
for (const path of Object.keys(described.paths)) {
  if (!asked.test(path)) delete described.paths[path];
}
// its example promises a next page at another server
described.components.headers.link.example = '<https://api.github.com/resource?page=1>; rel="first"';
fs.writeFileSync(target, JSON.stringify(described));
