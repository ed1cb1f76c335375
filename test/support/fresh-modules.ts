import { vi } from "vitest";

// Files share a process: what a module remembers is gone before the next file.
vi.resetModules();
