-- Takes a journal partition over: from now on only this fence may write to it.
-- KEYS 1 position  2 outbox    ARGV 1 fence
redis.call('HSET', KEYS[1], 'fence', ARGV[1])
local p = redis.call('HMGET', KEYS[1], 'pos', 'decided', 'outbox_from', 'generation')
return {p[1], p[2], p[3], redis.call('GET', KEYS[2]), p[4]}
