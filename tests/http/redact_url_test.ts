import { equal } from "node:assert/strict";
import { redactUrl } from "../../src/http/redact_url.ts";

Deno.test("redactUrl() keeps what registries page and scope by, and masks every other value", () => {
  const cases = [
    [
      "https://r.example/v2/a/tags/list?n=2&last=x",
      "https://r.example/v2/a/tags/list?n=2&last=x",
    ],
    [
      "https://r.example/token?service=r&scope=repository%3Aa%3Apull",
      "https://r.example/token?service=r&scope=repository%3Aa%3Apull",
    ],
    ["https://me:pw@r.example/", "https://r.example/"],
    [
      "https://s3.example/b?X-Amz-Signature=secret&X-Amz-Date=secret",
      "https://s3.example/b?X-Amz-Signature=***&X-Amz-Date=***",
    ],
    [
      "https://a.example/b?sig=secret&se=secret#secret",
      "https://a.example/b?sig=***&se=***",
    ],
    [
      "https://a.example/b?token=secret&access_token=secret",
      "https://a.example/b?token=***&access_token=***",
    ],
    ["https://a.example/b?SCOPE=secret", "https://a.example/b?SCOPE=***"],
    ["https://a.example/b?", "https://a.example/b"],
  ] as const;
  for (const [url, expected] of cases) equal(redactUrl(new URL(url)), expected);
});
