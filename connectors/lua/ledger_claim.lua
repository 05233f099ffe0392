-- Takes a site's ledger over: from now on only this fence may write to it.
-- KEYS 1 position    ARGV 1 fence
redis.call('HSET', KEYS[1], 'fence', ARGV[1])
return redis.call('HMGET', KEYS[1], 'feed', 'receipt', 'head', 'doubt_before', 'doubt_since')
