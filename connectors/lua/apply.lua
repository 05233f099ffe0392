-- Writes everything one partition batch changes, or nothing. All checks stand before the first write:
-- a script that fails half-way keeps what it has written.
-- KEYS 1 position 2 outbox 3 state 4 task 5 code 6 open 7 public 8 result 9 case 10 case_due
--      11 agenda 12 joint 13 drawn
-- ARGV 1 fence 2 expected next ('' = none) 3 new next 4 decided 5 outbox from 6 outbox
--      7..21 number of arguments for: state, task, code, opened, closed, public, hidden, results, cases,
--      due, settled, agenda, joints, drawn, compared; then those arguments
local now = redis.call('HMGET', KEYS[1], 'fence', 'pos')
if now[1] ~= ARGV[1] then return {'FENCED', now[1] or ''} end
local at = now[2] or ''
if at == ARGV[3] and at ~= ARGV[2] then return {'AGAIN', at} end
if at ~= ARGV[2] then return {'MOVED', at} end

local first = 22
local function feed(command, key, count)
  local last = first + count - 1
  for i = first, last, 4000 do
    redis.call(command, key, unpack(ARGV, i, math.min(i + 3999, last)))
  end
  first = last + 1
end
feed('HSET', KEYS[3], tonumber(ARGV[7]))
feed('HSET', KEYS[4], tonumber(ARGV[8]))
feed('HSET', KEYS[5], tonumber(ARGV[9]))
feed('ZADD', KEYS[6], tonumber(ARGV[10]))
feed('ZREM', KEYS[6], tonumber(ARGV[11]))
feed('HSET', KEYS[7], tonumber(ARGV[12]))
feed('HDEL', KEYS[7], tonumber(ARGV[13]))
feed('HSET', KEYS[8], tonumber(ARGV[14]))
feed('HSET', KEYS[9], tonumber(ARGV[15]))
feed('ZADD', KEYS[10], tonumber(ARGV[16]))
feed('ZREM', KEYS[10], tonumber(ARGV[17]))
feed('ZADD', KEYS[11], tonumber(ARGV[18]))
feed('HSET', KEYS[12], tonumber(ARGV[19]))
feed('ZADD', KEYS[13], tonumber(ARGV[20]))
feed('ZREM', KEYS[13], tonumber(ARGV[21]))
redis.call('SET', KEYS[2], ARGV[6])
redis.call('HSET', KEYS[1], 'pos', ARGV[3], 'decided', ARGV[4], 'outbox_from', ARGV[5])
return {'DONE', ARGV[3]}
