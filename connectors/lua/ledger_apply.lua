-- Writes everything one batch changes in a site's ledger, or nothing. All checks stand before the first
-- write: a script that fails half-way keeps what it has written.
-- KEYS 1 position 2 entry 3 value 4 attempt 5 shown 6.. lanes
-- ARGV 1 fence 2 topic 3 expected next ('' = none) 4 new next 5 head ('' = as it is)
--      6 removed 7 entries 8 values 9 hidden 10 shown 11 moved: numbers of arguments for each,
--      then one for each lane, then those arguments
local now = redis.call('HMGET', KEYS[1], 'fence', ARGV[2])
if now[1] ~= ARGV[1] then return {'FENCED', now[1] or ''} end
local at = now[2] or ''
if at == ARGV[4] and at ~= ARGV[3] then return {'AGAIN', at} end
if at ~= ARGV[3] then return {'MOVED', at} end

local lanes = #KEYS - 5
local first = 12 + lanes
local function feed(command, keys, count)
  local last = first + count - 1
  for i = first, last, 4000 do
    for _, key in ipairs(keys) do
      redis.call(command, key, unpack(ARGV, i, math.min(i + 3999, last)))
    end
  end
  first = last + 1
end
local all = {}
for lane = 1, lanes do all[lane] = KEYS[5 + lane] end
feed('HDEL', {KEYS[2], KEYS[3], KEYS[4]}, tonumber(ARGV[6]))
feed('HSET', {KEYS[2]}, tonumber(ARGV[7]))
feed('HSET', {KEYS[3]}, tonumber(ARGV[8]))
feed('ZREM', {KEYS[5]}, tonumber(ARGV[9]))
feed('ZADD', {KEYS[5]}, tonumber(ARGV[10]))
feed('ZREM', all, tonumber(ARGV[11]))
for lane = 1, lanes do feed('ZADD', {all[lane]}, tonumber(ARGV[11 + lane])) end
if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'head', ARGV[5]) end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[4])
return {'DONE', ARGV[4]}
