-- Claims events: the first claim on each key stays. Answers, key by key, nil for a claim that is
-- now this one, else the earlier claim.
-- KEYS: one a claim, all of one department. ARGV: as many claims, then for how many seconds.
local kept = ARGV[#KEYS + 1]
local found = {}
for number, key in ipairs(KEYS) do
  if redis.call('SET', key, ARGV[number], 'NX', 'EX', kept) then
    found[number] = false
  else
    found[number] = redis.call('GET', key)
  end
end
return found
