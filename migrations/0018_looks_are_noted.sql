-- The function that shows a reason notes the look in the same statement, and has to see the row that it wrote.

GRANT SELECT (community_id) ON access_log TO tocsin_care;
