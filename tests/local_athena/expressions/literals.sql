1
-1
2147483647
2147483648
9223372036854775807
9223372036854775808
decimal '1.5'
decimal '.5'
decimal '1.'
-decimal '0.00'
decimal '00012.50'
decimal '123456789012345678901234567890.12'
1e0
1.5e3
1E400
-1e-400
'abc'
''
'it''s'
'tab	inside'
'ünïcödé'
'😀'
U&'\00fc'
U&'snow\2603'
X'00ff'
x'616263'
X''
true
false
null
date '2025-11-15'
date '2024-02-29'
date '2025-02-29'
date '2025-2-3'
date ' 2025-11-15 '
date '0001-01-01'
date '9999-12-31'
date '20251115'
date 'abc'
timestamp '2025-11-15 10:20:30'
timestamp '2025-11-15 10:20:30.1'
timestamp '2025-11-15 10:20:30.123'
timestamp '2025-11-15 10:20:30.123456'
timestamp '2025-11-15 10:20'
timestamp '2025-11-15'
timestamp '2025-11-15 10:20:30 UTC'
timestamp '2025-11-15 10:20:30.123 America/New_York'
timestamp '2025-11-15 10:20:30 +02:00'
timestamp '2025-11-15T10:20:30'
timestamp '2025-13-15 10:20:30'
interval '1' day
interval '3' month
interval '-2' hour
decimal '1.50'
decimal '12345678901234567890123456789012345678'
double '1.5'
bigint '12'
integer '12'
json '{"b":1,"a":2}'
boolean 'true'
array[1, 2, 3]
array[]
array[1, null]
array['a', null, '']
array[array[1], array[2, 3]]
array[1, decimal '2.5']
array[1, 'a']
map(array['a', 'b'], array[1, 2])
map(array['a', 'a'], array[1, 2])
map(array['a'], array[1, 2])
map()
row(1, 'a')
row(null)
row(1, row(2, 'x'))
cast(row(1, 'a') as row(x integer, y varchar))
current_timezone()
typeof(1)
typeof('a')
typeof('ab' || 'c')
typeof(decimal '1.5')
typeof(1e0)
typeof(null)
typeof(date '2025-01-01')
typeof(timestamp '2025-01-01 00:00:00')
typeof(timestamp '2025-01-01 00:00:00.123456 UTC')
typeof(array['a'])
typeof(map(array['a'], array[1]))
typeof(row(1, 'a'))
typeof(current_timestamp)
typeof(now())
typeof(current_date)
typeof(localtimestamp)
typeof(json_parse('1'))
typeof(sha256(to_utf8('a')))
X'68 65'
x'4 1'
X''
X'e9' = x'E9'
X'4'
X'6 8 6'
X'6g'
X '68'
from_utf8(X'68 65')
length(x' 00 ff ')
timestamp '2020-01-01 00:00:00+00:00'
timestamp '2020-01-01 00:00:00.000+00:00'
timestamp '2020-01-01 00:00:00 +00:00'
timestamp '2020-01-01 00:00:00Z'
timestamp '2020-01-01 00:00:00 GMT'
timestamp '2020-01-01 10:20:30.123456 -05:00'
timestamp '2020-01-01 10:20:30 +0530'
timestamp '2020-01-01 +02:00'
timestamp '2020-1-1 1:2 UTC'
timestamp '2020-01-01 1:2:3'
timestamp '2020-01-01 UTC'
timestamp '2020-01-01 00:00:00 utc'
timestamp '2020-01-01 00:00:00 nowhere'
timestamp '2020-01-01 00:00:00 EST'
timestamp '2020-01-01 00:00:00+15:00'
timestamp '2020-01-01 00:00:00+19:00'
timestamp '2020-01-01 24:00:00 UTC'
timestamp '2020-01-01T00:00:00'
timestamp ' 2020-01-01 00:00:00'
timestamp '2020-01-01 00:00:00 '
timestamp '+2020-01-01 00:00:00'
timestamp '12020-01-01 00:00:00'
timestamp '-2020-01-01 00:00:00'
timestamp '2024-03-10 02:30:00 America/New_York'
timestamp '2024-11-03 01:30:00 America/New_York'
timestamp '2020-07-01 10:20:30.123456 Europe/Berlin'
date '2020-01-01 UTC'
date '2020-01-01 00:00:00'
date '20-01-01'
date '+2020-01-01'
time '10:20:30+02:00'
time '10:20:30 UTC'
time '25:00:00'
time 'x'
date 'x'
timestamp 'x'
