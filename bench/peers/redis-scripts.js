/** One unit for a shopper who has none: the order's id, or nil when nothing is left. */
const BUY = `
  local earlier = redis.call("HGET", KEYS[2], ARGV[1])
  if earlier then return earlier end
  if tonumber(redis.call("GET", KEYS[1]) or "0") < 1 then return nil end
  redis.call("DECRBY", KEYS[1], 1)
  redis.call("HSET", KEYS[2], ARGV[1], ARGV[2])
`;

export const BUY_SCRIPT = { numberOfKeys: 2, lua: `${BUY} return ARGV[2]` };

/** The same, and the order goes into the stream by the same command. */
export const BUY_AND_SEND_SCRIPT = {
  numberOfKeys: 3,
  lua: `${BUY}
    redis.call("XADD", KEYS[3], "*", "id", ARGV[2], "shopper", ARGV[1], "sku", ARGV[3])
    return ARGV[2]`,
};

/** The shopper's number in line, the same each time. */
export const JOIN_SCRIPT = {
  numberOfKeys: 2,
  lua: `
    local earlier = redis.call("HGET", KEYS[2], ARGV[1])
    if earlier then return tonumber(earlier) end
    local number = redis.call("INCR", KEYS[1])
    redis.call("HSET", KEYS[2], ARGV[1], number)
    return number`,
};
