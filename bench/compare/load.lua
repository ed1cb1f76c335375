-- What wrk runs: sends prepared requests one after the other, counts the answers by status, keeps the
-- ids that were told, and says all of it as one line of JSON. Arguments: the file of requests, each
-- ended by a zero byte; `once` or `again` (begin anew at its end); the name of the
-- field that is the id, or `none`; requests a second, 0: as
-- fast as answers come.

local ffi = require("ffi")
ffi.cdef([[
  typedef struct { long seconds; long nanoseconds; } ropeline_time;
  int clock_gettime(int clock, ropeline_time *time);
]])
local MONOTONIC = 1
local now = ffi.new("ropeline_time")

local function milliseconds()
  ffi.C.clock_gettime(MONOTONIC, now)
  return tonumber(now.seconds) * 1000 + tonumber(now.nanoseconds) / 1e6
end

-- Of one thread; read by `done`, which runs in another state.
statuses, ids, lateMs, isEmpty = {}, {}, 0, false

local requests, sent = {}, 0
local again, idPattern, perSecond, slots, startedAtMs

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  for request in file:read("*a"):gmatch("[^%z]+") do
    requests[#requests + 1] = request
  end
  file:close()
  again = arguments[2] == "again"
  idPattern = '"' .. arguments[3] .. '":"?([^",}]+)'
  perSecond = tonumber(arguments[4])
  slots = 0
  -- Where this is not set, wrk does not ask.
  if perSecond > 0 then delay = untilNextSlot end
  if arguments[3] == "none" then response = countStatus end
  cpuBefore = os.clock()
end

-- A fixed rate: every request has its moment, whatever becomes of those before it.
function untilNextSlot()
  local nowMs = milliseconds()
  startedAtMs = startedAtMs or nowMs
  local dueMs = startedAtMs + slots * 1000 / perSecond
  slots = slots + 1
  lateMs = math.max(lateMs, nowMs - dueMs)
  return math.max(0, math.floor(dueMs - nowMs + 0.5))
end

function request()
  sent = sent + 1
  if sent > #requests then
    if again then
      sent = 1
    else
      isEmpty = true
      wrk.thread:stop()
      sent = #requests
    end
  end
  return requests[sent]
end

function countStatus(status)
  local name = tostring(status)
  statuses[name] = (statuses[name] or 0) + 1
end

function response(status, _, body)
  countStatus(status)
  if status < 300 then ids[#ids + 1] = body:match(idPattern) end
end

local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

local function quoted(texts)
  local parts = {}
  for index, text in ipairs(texts) do
    parts[index] = '"' .. text .. '"'
  end
  return "[" .. table.concat(parts, ",") .. "]"
end

function done(summary, latency)
  local thread = threads[1]
  local counts = {}
  for status, count in pairs(thread:get("statuses")) do
    counts[#counts + 1] = string.format('"%s":%d', status, count)
  end
  local errors = summary.errors
  io.write(string.format(
    '\n{"answered":%d,"seconds":%.6f,"p50Ms":%.3f,"p95Ms":%.3f,"p99Ms":%.3f,"maxMs":%.3f,"cpuSeconds":%.3f,"lateMs":%.1f,"isEmpty":%s,"failed":%d,"statuses":{%s},"ids":%s}\n',
    summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000,
    latency.max / 1000, os.clock() - thread:get("cpuBefore"), thread:get("lateMs"),
    tostring(thread:get("isEmpty")), errors.connect + errors.read + errors.write + errors.timeout,
    table.concat(counts, ","), quoted(thread:get("ids"))))
end
