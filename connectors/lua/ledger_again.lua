-- Puts refused entries back into a lane; those that are not refused (any more) stay where they are.
-- KEYS 1 rejected 2 lane    ARGV 1 now, then names
local moved = 0
for i = 2, #ARGV do
  if redis.call('ZREM', KEYS[1], ARGV[i]) == 1 then
    redis.call('ZADD', KEYS[2], ARGV[1], ARGV[i])
    moved = moved + 1
  end
end
return moved
