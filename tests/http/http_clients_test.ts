import { equal, notEqual, throws } from "node:assert/strict";
import { HttpClients } from "../../src/http/http_clients.ts";
import { makeCertificates } from "../testing/certificates.ts";

Deno.test("HttpClients gives equal settings one client, and so one pool, and different ones each their own", async () => {
  await using certificates = await makeCertificates();
  const { ca, clientCert: cert, clientKey: key } = certificates;
  using clients = new HttpClients();
  const settings = [
    {},
    { caCerts: [ca] },
    { cert, key },
    { caCerts: [ca], cert, key },
  ];
  const proxies = [
    undefined,
    { url: "http://a:1" },
    { url: "http://a:1", username: "x", password: "y" },
  ];
  const seen = new Set<Deno.HttpClient>();
  for (const tls of settings) {
    for (const proxy of proxies) {
      const client = clients.get({ tls, proxy });
      equal(clients.get({ tls: structuredClone(tls), proxy }), client);
      seen.add(client);
    }
  }
  equal(seen.size, settings.length * proxies.length);
});

Deno.test("HttpClients gives none once it is closed", () => {
  const clients = new HttpClients();
  notEqual(clients.get({ tls: {}, proxy: undefined }), undefined);
  clients.close();
  throws(() => clients.get({ tls: {}, proxy: undefined }), TypeError);
});
