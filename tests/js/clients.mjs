// OpenFeature's two JavaScript clients, asking Bunsen as an application would:
//
//     node clients.mjs server|web ADDRESS SECRET
//
// Every line it prints is a JSON value: [what was asked, what came]. After ["ready"] it waits for a line, upon which it
// looks until "big-button" has gone back to control.

import { once } from "node:events";
import { createInterface } from "node:readline";
import { OpenFeature as Server } from "@openfeature/server-sdk";
import { OFREPProvider } from "@openfeature/ofrep-provider";
import { OpenFeature as Web, ProviderEvents } from "@openfeature/web-sdk";
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";

const [kind, baseUrl, secret] = process.argv.slice(2);
const say = (...line) => console.log(JSON.stringify(line));
const bearer = (token) => ({ baseUrl, headers: [["Authorization", `Bearer ${token}`]] });
const short = ({ value, variant, reason, errorCode, flagMetadata }) => ({ value, variant, reason, errorCode, ...flagMetadata });
const quiet = { error() {}, warn() {}, info() {}, debug() {} };

async function toldToLook() {
  say("ready");
  const lines = createInterface({ input: process.stdin });
  await once(lines, "line");
  lines.close();
}

async function server() {
  await Server.setProviderAndWait(new OFREPProvider(bearer(secret)));
  const client = Server.setLogger(quiet).getClient();
  const ann = { targetingKey: "ann", country: "DE" };
  const ask = async (type, key, otherwise, context) =>
    say(`get${type}Details(${key}, ${JSON.stringify(context)})`, short(await client[`get${type}Details`](key, otherwise, context)));

  await ask("Boolean", "big-button", false, ann);
  await ask("String", "headline", "none", ann);
  await ask("Number", "price", 0, ann);
  await ask("Number", "discount", 0, ann);
  await ask("Object", "model", {}, ann);
  await ask("Boolean", "only-germany", false, ann);
  await ask("Boolean", "only-germany", false, { ...ann, country: "FR" });
  await ask("Boolean", "not-started", true, ann);
  await ask("Boolean", "nowhere", false, ann);
  await ask("Boolean", "theirs", false, ann);
  await ask("Number", "headline", 5, ann);
  await ask("Boolean", "big-button", false, {});

  await Server.setProviderAndWait("stranger", new OFREPProvider(bearer("bun_" + "0".repeat(43))));
  const stranger = await Server.getClient("stranger").getBooleanDetails("big-button", false, ann);
  say("with a wrong token", { ...short(stranger), message: stranger.errorMessage });

  await toldToLook();
  for (;;) {
    const details = await client.getBooleanDetails("big-button", true, ann);
    if (details.reason === "DISABLED") {
      say("getBooleanDetails(big-button) after the rollback", short(details));
      break;
    }
  }
}

async function web() {
  const statuses = [];
  const fetchImplementation = async (...request) => {
    const response = await fetch(...request);
    statuses.push(response.status);
    return response;
  };
  const settled = async (count) => {
    while (statuses.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  await Web.setContext({ targetingKey: "ann", country: "DE" });
  const provider = new OFREPWebProvider({ ...bearer(secret), fetchImplementation, pollInterval: 20, cacheMode: "disabled" });
  await Web.setProviderAndWait(provider);
  const client = Web.setLogger(quiet).getClient();
  const ask = (type, key, otherwise) => say(`get${type}Details(${key})`, short(client[`get${type}Details`](key, otherwise)));

  ask("Boolean", "big-button", false);
  ask("String", "headline", "none");
  ask("Number", "price", 0);
  ask("Number", "discount", 0);
  ask("Object", "model", {});
  ask("Boolean", "only-germany", false);
  ask("Boolean", "not-started", true);
  ask("Boolean", "nowhere", false);
  ask("Boolean", "theirs", false);
  await settled(statuses.length + 2);
  say("polled: first, last", [statuses[0], statuses.at(-1)]);

  await Web.setContext({ targetingKey: "ann", country: "FR" });
  say("setContext(country FR), then getBooleanDetails(only-germany)", short(client.getBooleanDetails("only-germany", false)));
  await Web.setContext({ country: "FR" });
  say("setContext(nobody), then getBooleanDetails(big-button)", short(client.getBooleanDetails("big-button", false)));
  say("setContext(nobody), then getBooleanDetails(not-started)", short(client.getBooleanDetails("not-started", true)));
  await Web.setContext({ targetingKey: "ann" });

  await Web.setProviderAndWait("stranger", new OFREPWebProvider({ ...bearer("bun_" + "0".repeat(43)), cacheMode: "disabled" }))
    .catch((error) => say("with a wrong token", { errorCode: error.code, message: error.message }));

  await toldToLook();
  const changed = await new Promise((resolve) => {
    client.addHandler(ProviderEvents.ConfigurationChanged, resolve);
    if (client.getBooleanDetails("big-button", true).reason === "DISABLED") resolve({ flagsChanged: ["big-button"] });
  });
  say("told of a change of", changed.flagsChanged);
  say("getBooleanDetails(big-button) after the rollback", short(client.getBooleanDetails("big-button", true)));
  await Web.close();
}

await { server, web }[kind]();
