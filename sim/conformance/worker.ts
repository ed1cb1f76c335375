import { drive } from "./driver.ts";
import { probeOf, type ProbeEnv } from "./probe.ts";

export { Probe } from "./probe.ts";

/** Runs the program that the path names and answers with its log, or with why there is none. */
export default {
  async fetch(request, env) {
    const program = decodeURIComponent(new URL(request.url).pathname.slice(1));
    try {
      const lines = await drive(program, {
        probe: (role) => probeOf(env.PROBE, program, role),
        sleep: (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs)),
      });
      return Response.json(lines);
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  },
} satisfies ExportedHandler<ProbeEnv>;
