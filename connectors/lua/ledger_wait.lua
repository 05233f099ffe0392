-- Lets entries wait longer where they are, and notes what was tried. One that left its lane stays away.
-- KEYS 1 position 2 attempt 3.. lanes
-- ARGV 1 fence 2 number of arguments for attempts, then for each lane the same, then those arguments
if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return 0 end
local first = #KEYS + 1
local function feed(key, count, command, option)
  local last = first + count - 1
  for i = first, last, 4000 do
    if option then
      redis.call(command, key, option, unpack(ARGV, i, math.min(i + 3999, last)))
    else
      redis.call(command, key, unpack(ARGV, i, math.min(i + 3999, last)))
    end
  end
  first = last + 1
end
feed(KEYS[2], tonumber(ARGV[2]), 'HSET')
for lane = 3, #KEYS do feed(KEYS[lane], tonumber(ARGV[lane]), 'ZADD', 'XX') end
return 1
