-- Empties a journal partition's view, to be filled from earlier generations of the journal.
-- KEYS 1 position, then the other parts    ARGV 1 fence  2 generation  3 position meanwhile
if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return 'FENCED' end
redis.call('UNLINK', unpack(KEYS))
redis.call('HSET', KEYS[1], 'fence', ARGV[1], 'generation', ARGV[2], 'pos', ARGV[3])
return 'DONE'
