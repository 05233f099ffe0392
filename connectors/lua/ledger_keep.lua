-- Writes fields of one hash of a site's ledger, if the fence holds.
-- KEYS 1 position 2 the hash    ARGV 1 fence, then fields and values
if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[2], unpack(ARGV, 2))
return 1
