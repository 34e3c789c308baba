import assert from "node:assert/strict";
import type { Exchange } from "../../src/serve/http/serve_connection.ts";
import { ServerMetrics } from "../../src/serve/server_metrics.ts";

const EXCHANGE: Exchange = {
  method: "GET",
  target: "/v2/a/blobs/sha256:00?ns=x",
  status: 200,
  bytes: 10,
  durationMs: 500,
  remote: "127.0.0.1",
  isWhole: true,
};

Deno.test("ServerMetrics counts requests, bytes, times and what comes from upstream", () => {
  const metrics = new ServerMetrics("1.2.3", 5000);
  metrics.onRequest();
  metrics.onRequest();
  metrics.onRequest();
  metrics.onExchange(EXCHANGE);
  metrics.onExchange({ ...EXCHANGE, isWhole: false });
  metrics.onLookup("hit");
  metrics.onLookup("miss");
  metrics.onUpstreamBytes(7);
  metrics.onUpstreamFailure();
  const lines = metrics.render().split("\n");
  for (
    const line of [
      'dray_build_info{version="1.2.3"} 1',
      "dray_start_time_seconds 5",
      "dray_http_requests_in_flight 1",
      'dray_http_requests_total{kind="blobs",method="GET",code="200"} 2',
      "dray_http_responses_broken_total 1",
      'dray_http_response_bytes_total{kind="blobs"} 20',
      'dray_http_request_duration_seconds_sum{kind="blobs"} 1',
      'dray_http_request_duration_seconds_count{kind="blobs"} 2',
      'dray_upstream_lookups_total{result="hit"} 1',
      'dray_upstream_lookups_total{result="miss"} 1',
      "dray_upstream_bytes_total 7",
      "dray_upstream_failures_total 1",
    ]
  ) assert.ok(lines.includes(line), line);
});

Deno.test("ServerMetrics has few labels, whatever clients send", () => {
  const metrics = new ServerMetrics("1", 0);
  for (let each = 0; each < 1000; each++) {
    const target = `/v2/n${each}/${each % 2 ? "tags" : `k${each}`}/l\n"${each}`;
    metrics.onExchange({ ...EXCHANGE, method: `M${each}`, target });
  }
  const text = metrics.render();
  assert.ok(text.split("\n").length < 50);
  assert.match(text, /\{kind="other",method="other",code="200"\} 500\n/);
});
