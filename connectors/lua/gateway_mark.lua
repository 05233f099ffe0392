-- Remembers claims as stored.
-- KEYS: one a claim, all of one department. ARGV: as many claims, then for how many seconds.
local kept = ARGV[#KEYS + 1]
for number, key in ipairs(KEYS) do
  redis.call('SET', key, ARGV[number], 'EX', kept)
end
return #KEYS
