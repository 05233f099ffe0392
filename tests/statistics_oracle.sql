-- The statistics once more, over exported events: written from the definitions alone.
-- Tables `journal` (p, o, type, data) and `decided` (p, o, seq, key, facts) are loaded before,
-- `region` (code, district) is the table of places. {name} stands for the test of a measure.

-- section: visits
CREATE TABLE answer AS
SELECT p, o, key, facts FROM (
    SELECT *, row_number() OVER (PARTITION BY p, o ORDER BY seq) AS copy FROM decided
) WHERE copy = 1;

CREATE TABLE fact AS
SELECT p, o, key, number, facts[number] AS f, (o * 1000 + number) AS nth, facts[number]->>'fact' AS word
FROM (
    SELECT p, o, key, CAST(facts AS JSON[]) AS facts, unnest(range(1, 1 + len(CAST(facts AS JSON[])))) AS number
    FROM answer
);

CREATE TABLE task AS
SELECT p, o, key, nth, f->>'$.decision.task_id' AS task_id, f->>'$.decision.dept' AS dept,
    f->>'$.decision.decision' AS decision, f->>'$.task.mode' AS mode, f->>'$.task.kind' AS kind,
    f->>'$.task.trigger' AS trigger, f->>'$.task.joint_id' AS joint_id,
    coalesce(CAST(f->>'$.task.along' AS BOOLEAN), false) AS along,
    CAST(f->>'$.decision.exempt' AS BOOLEAN) AS exempt, f->>'$.decision.code' AS code,
    CAST(f->'$.decision.warnings' AS VARCHAR[]) AS prompts
FROM fact WHERE word = 'DECIDED';

CREATE TABLE told AS  -- whatever says that a task exists
SELECT key, f->>'task_id' AS task_id FROM fact
WHERE word IN ('CANCELLED', 'EXPIRED', 'ENTERED', 'COMPLETED', 'CHOICE', 'RATED')
UNION SELECT key, task_id FROM task;

CREATE TABLE entry AS
SELECT key, nth, f->>'task_id' AS task_id, f->>'how' AS how, f->>'dept' AS dept, f->>'day' AS day,
    CAST(f->'over' AS VARCHAR[]) AS over_rules
FROM fact WHERE word = 'ENTERED';

CREATE TABLE completed AS
SELECT fact.key, nth, f->>'task_id' AS task_id, f->>'dept' AS dept, f->>'day' AS day,
    f->>'result_id' AS result_id,
    CAST(coalesce(journal.data->>'found_problem', journal.data->>'$.result.found_problem') AS BOOLEAN) AS found_problem,
    CAST(f->'over' AS VARCHAR[]) AS over_rules, f->'survey' AS survey,
    journal.data->>'premises_region' AS found_in,
    NOT CAST(f->>'no_code' AS BOOLEAN) AS with_code
FROM fact JOIN journal USING (p, o) WHERE word = 'COMPLETED';

CREATE TABLE corrected AS
SELECT key, nth, f->>'$.content.task_id' AS task_id, f->>'result_id' AS result_id,
    CAST(f->>'$.content.found_problem' AS BOOLEAN) AS found_problem
FROM fact WHERE word = 'DISCLOSURE' AND f->>'cause' = 'CORRECTED';

CREATE TABLE visit AS
WITH days AS (
    SELECT key, task_id, arg_max(day, nth) AS day FROM (
        SELECT key, nth, f->>'$.decision.task_id' AS task_id, f->>'$.task.day' AS day FROM fact WHERE word = 'DECIDED'
        UNION ALL SELECT key, nth, task_id, day FROM entry
        UNION ALL SELECT key, nth, task_id, day FROM completed
    ) GROUP BY key, task_id
), entered AS (
    SELECT key, task_id, arg_max(how, nth) AS how FROM entry WHERE how <> 'SHOWN_ONLY' GROUP BY key, task_id
), comers AS (
    SELECT key, task_id, arg_min(dept, nth) AS dept FROM (
        SELECT key, task_id, dept, nth FROM entry UNION ALL SELECT key, task_id, dept, nth FROM completed
    ) GROUP BY key, task_id
), found AS (
    SELECT c.key, c.task_id, any_value(c.result_id) AS result_id,
        coalesce(arg_max(x.found_problem, x.nth), any_value(c.found_problem)) AS found_problem
    FROM completed c LEFT JOIN corrected x
        ON x.key = c.key AND x.task_id = c.task_id AND x.result_id = c.result_id AND x.nth > c.nth
    GROUP BY c.key, c.task_id
), surveyed AS (  -- a visit of which nothing was known before a survey came upon the enterprise
    SELECT key, task_id, survey->>'mode' AS mode, survey->>'kind' AS kind, survey->>'trigger' AS trigger,
        survey->>'special_id' AS special_id, with_code, found_in
    FROM completed WHERE survey->>'mode' IS NOT NULL
), rating AS (
    SELECT key, f->>'task_id' AS task_id, arg_max(CAST(f->>'stars' AS INT), nth) AS stars
    FROM fact WHERE word = 'RATED' GROUP BY ALL
), choice AS (
    SELECT key, f->>'task_id' AS task_id, arg_max(f->>'choice', nth) AS choice
    FROM fact WHERE word = 'CHOICE' GROUP BY ALL
), ended AS (
    SELECT key, f->>'task_id' AS task_id, bool_or(word = 'CANCELLED') AS cancelled,
        bool_or(word = 'EXPIRED') AS expired, max(nth) AS ended_at
    FROM fact WHERE word IN ('CANCELLED', 'EXPIRED') GROUP BY ALL
), came AS (
    SELECT key, task_id, max(nth) AS came_at FROM (
        SELECT key, task_id, nth FROM entry WHERE how <> 'SHOWN_ONLY'
        UNION ALL SELECT key, task_id, nth FROM completed
    ) GROUP BY ALL
), moved AS (
    SELECT key, task_id, list_distinct(flatten(list(over_rules ORDER BY nth))) AS over_rules FROM (
        SELECT key, task_id, nth, over_rules FROM entry WHERE how <> 'SHOWN_ONLY'
        UNION ALL SELECT key, task_id, nth, over_rules FROM completed
    ) WHERE len(over_rules) > 0 GROUP BY key, task_id
)
SELECT told.key, told.task_id, coalesce(task.dept, comers.dept) AS dept, days.day,
    substr(days.day, 1, 7) AS month, CAST(substr(days.day, 1, 4) AS INT) AS year, task.decision,
    coalesce(task.mode, surveyed.mode, 'ONSITE') AS mode,
    coalesce(task.kind, surveyed.kind, '') AS kind,
    coalesce(task.trigger, surveyed.trigger, '') AS trigger, task.joint_id,
    CASE WHEN task.along THEN 'formed ' || task.joint_id ELSE days.day || ' ' || task.joint_id END AS joint_visit,
    CASE WHEN task.decision IS NULL THEN coalesce(place.district, surveyed.found_in, '')
        ELSE coalesce(region.district, journal.data->>'premises_region', '') END AS district,
    coalesce(task.exempt, false) AS exempt, CASE WHEN task.decision IS NULL THEN coalesce(surveyed.with_code, false) ELSE task.code IS NOT NULL END AS has_code,
    coalesce(task.prompts, []) AS prompts, entered.how, found.result_id,
    coalesce(found.found_problem, false) AS found_problem, coalesce(rating.stars, 0) AS stars,
    choice.choice, coalesce(moved.over_rules, []) AS over_rules,
    came_at IS NOT NULL AND came_at > coalesce(ended_at, -1) AS inspected,
    (coalesce(ended.cancelled, false) OR task.decision = 'CANCELLED')
        AND coalesce(came_at, -1) <= coalesce(ended_at, -1) AS cancelled,
    coalesce(ended.expired, false) AND NOT coalesce(ended.cancelled, false)
        AND coalesce(came_at, -1) <= coalesce(ended_at, -1) AS expired,
    CASE WHEN task.decision IS NULL THEN coalesce(surveyed.special_id, '')
        ELSE coalesce(journal.data->>'special_id', '') END AS special_id
FROM told
LEFT JOIN task USING (key, task_id) LEFT JOIN days USING (key, task_id)
LEFT JOIN entered USING (key, task_id) LEFT JOIN comers USING (key, task_id)
LEFT JOIN found USING (key, task_id) LEFT JOIN rating USING (key, task_id)
LEFT JOIN choice USING (key, task_id) LEFT JOIN ended USING (key, task_id)
LEFT JOIN moved USING (key, task_id) LEFT JOIN came USING (key, task_id)
LEFT JOIN surveyed USING (key, task_id)
LEFT JOIN journal ON journal.p = task.p AND journal.o = task.o
LEFT JOIN region ON region.code = journal.data->>'premises_region'
LEFT JOIN region AS place ON place.code = surveyed.found_in
WHERE coalesce(task.dept, comers.dept, '') NOT IN ('') AND days.day IS NOT NULL
    AND coalesce(task.dept, comers.dept) <> 'CANARY';

ALTER TABLE visit ADD COLUMN made BOOLEAN;
UPDATE visit SET made = inspected OR
    (coalesce(decision, '') IN ('RECORDED_OFFSITE', 'RECORDED_BACKFILL') AND NOT cancelled);
-- A survey is a task; what it finds is counted enterprise by enterprise.
UPDATE visit SET made = false, result_id = NULL, found_problem = false, stars = 0, over_rules = []
WHERE contains(key, ':');
ALTER TABLE visit ADD COLUMN onsite BOOLEAN;
UPDATE visit SET onsite = made AND mode <> 'OFFSITE';

CREATE TABLE together AS
SELECT key, joint_visit FROM visit WHERE onsite AND joint_visit IS NOT NULL
GROUP BY ALL HAVING count(DISTINCT dept) > 1;

-- section: items
WITH named AS (
    SELECT key, f->>'$.decision.task_id' AS task_id, unnest(CAST(f->'$.task.items' AS VARCHAR[])) AS item
    FROM fact WHERE word = 'DECIDED'
    UNION SELECT key, f->>'task_id', unnest(CAST(f->'items' AS VARCHAR[])) FROM fact WHERE word = 'COMPLETED'
)
SELECT month, dept, item, {sums} FROM visit JOIN named USING (key, task_id) GROUP BY ALL ORDER BY ALL

-- section: frequency
WITH onsite_visit AS (SELECT * FROM visit WHERE onsite AND NOT contains(key, ':')),
each AS (SELECT *, '' AS of_kind FROM onsite_visit UNION ALL SELECT *, kind FROM onsite_visit WHERE kind <> ''),
numbers AS (
    SELECT year, dept, of_kind AS kind, key, count(*) AS visits FROM each GROUP BY ALL
    UNION ALL
    SELECT year, '', of_kind, key, count(DISTINCT coalesce('j' || joint_visit, 't' || task_id)) FROM each GROUP BY ALL
)
SELECT year, dept, kind, visits, count(*) AS enterprises FROM numbers GROUP BY ALL ORDER BY ALL

-- section: watch
WITH said AS (
    SELECT key, f->>'$.decision.dept' AS dept, f->>'$.decision.rule' AS rule,
        CAST(f->>'$.decision.year' AS INT) AS year,
        arg_max(CAST(f->>'$.decision.cap' AS INT), nth) AS cap,
        arg_max(CAST(f->>'$.decision.used' AS INT), nth) AS used,
        arg_max(CAST(f->'$.decision.counted' AS VARCHAR[]), nth) AS counted
    FROM fact WHERE word = 'DECIDED' AND f->>'$.decision.rule' IS NOT NULL GROUP BY ALL
), live AS (
    SELECT key, task_id, year FROM visit WHERE inspected OR (NOT cancelled AND NOT expired AND
        coalesce(decision, '') IN ('ISSUED', 'RECORDED_OFFSITE', 'RECORDED_BACKFILL'))
), named AS (SELECT key, dept, rule, year, unnest(counted) AS task_id FROM said),
gone AS (
    SELECT named.key, dept, rule, named.year, count(*) AS n FROM named LEFT JOIN live
        ON live.key = named.key AND live.task_id = named.task_id AND live.year <= named.year
    WHERE live.task_id IS NULL GROUP BY ALL
), secret AS (
    SELECT named.key, named.dept, rule, named.year,
        string_agg(DISTINCT special_id, chr(31) ORDER BY special_id) AS special_id
    FROM named JOIN visit USING (key, task_id) WHERE special_id <> '' GROUP BY ALL
), now AS (
    SELECT said.* EXCLUDE (used, counted), used - coalesce(n, 0) AS used,
        coalesce(special_id, '') AS special_id
    FROM said LEFT JOIN gone USING (key, dept, rule, year) LEFT JOIN secret USING (key, dept, rule, year)
    WHERE dept IN (SELECT dept FROM visit WHERE visit.key = said.key)
), often AS (
    SELECT key, dept, year, count(*) AS used, count_if(exempt) AS exempt_ones,
        count_if(list_contains(prompts, 'UNREASONABLE_FREQUENCY')) AS warned,
        coalesce(string_agg(DISTINCT special_id, chr(31) ORDER BY special_id)
            FILTER (special_id <> ''), '') AS special_id
    FROM visit WHERE onsite GROUP BY ALL
), lines AS (
    SELECT CASE WHEN used > cap THEN 'OVER_CAP' WHEN used = cap THEN 'AT_CAP' ELSE 'NEAR_CAP' END AS kind,
        year, key, dept, rule, '' AS task_id, '' AS day, used, cap, special_id
    FROM now WHERE used >= cap OR (used = cap - 1 AND used > 0)
    UNION ALL
    SELECT 'UNREASONABLE', year, key, dept, '', '', '', used, exempt_ones, special_id FROM often WHERE warned > 0
    UNION ALL
    SELECT 'OVER_CAP_BACKFILL', year, key, dept, '', task_id, day, 0, 0, special_id FROM visit WHERE {over_cap}
    UNION ALL
    SELECT 'MOVED_OVER_CAP', year, key, dept, array_to_string(list_sort(over_rules), ', '), task_id, day, 0, 0, special_id
    FROM visit WHERE {moved_over}
    UNION ALL
    SELECT 'NO_CODE', year, key, dept, '', task_id, day, 0, 0, special_id FROM visit WHERE {no_code}
)
SELECT * FROM lines WHERE NOT contains(key, ':') ORDER BY ALL
