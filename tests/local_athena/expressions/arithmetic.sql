7 / 2
-7 / 2
7 % 2
-7 % 2
7 % -2
7 / decimal '2.0'
7 / 2e0
1 / 0
1 % 0
decimal '1.0' / 0
1e0 / 0
0e0 / 0
1 / null
null / 0
null + 1
2147483647 + 1
-2147483648 - 1
2147483647 * 2
bigint '9223372036854775807' + 1
bigint '9223372036854775807' * 2
-bigint '9223372036854775807' - 2
1 + bigint '2'
1 + decimal '2.5'
1 + 2.5e0
decimal '1.1' + decimal '2.22'
decimal '1.1' * decimal '2.22'
decimal '1.1' - decimal '2.22'
decimal '1.0' / 3
decimal '1.00' / decimal '3.0'
decimal '10.0' / decimal '3.000'
decimal '7.5' % 2
cast(10 as decimal(10, 2)) / cast(3 as decimal(10, 2))
decimal '99999999999999999999999999999999999999' + 1
decimal '0.1' + decimal '0.2'
0.1e0 + 0.2e0
-(5)
-(-5)
- null
+5
abs(-5)
abs(-decimal '5.5')
abs(-5.5e0)
abs(-2147483648)
abs(null)
mod(7, 3)
mod(-7, 3)
mod(7, 0)
ceil(decimal '1.2')
ceil(-decimal '1.2')
ceiling(1.2e0)
floor(decimal '1.8')
floor(-decimal '1.8')
floor(-1.8e0)
floor(5)
round(decimal '2.5')
round(-decimal '2.5')
round(2.5e0)
round(-2.5e0)
round(3.14159e0, 2)
round(2.675e0, 2)
round(decimal '3.145', 2)
round(12345, -2)
round(5)
round(cast(null as double))
truncate(1.9e0)
truncate(-1.9e0)
sign(-5)
sign(0e0)
power(2, 10)
pow(2e0, 0.5e0)
sqrt(2e0)
sqrt(-1e0)
exp(1e0)
ln(1e0)
log10(100e0)
log2(8e0)
greatest(1, 2, 3)
greatest(1, null)
greatest('a', 'b')
greatest(date '2025-01-01', date '2025-02-01')
greatest(1, decimal '2.5')
greatest(1, 'a')
least(3, 1, 2)
least(null, 1)
is_nan(0e0 / 0)
is_finite(1e0)
is_infinite(1e0 / 0)
nan()
infinity()
nan() = nan()
nan() > 1e0
bitwise_and(6, 3)
bitwise_or(6, 3)
bitwise_xor(6, 3)
1 + 'a'
'1' + 1
true + 1
'a' || 1
date '2025-01-01' + 1
to_base(255, 16)
from_base('ff', 16)
from_base('zz', 16)
width_bucket(5e0, 0e0, 10e0, 5)
mod(bigint '7', bigint '-3')
mod(bigint '7', 3)
bigint '9223372036854775807' - bigint '-1'
-9223372036854775808
greatest(bigint '1', 2)
greatest('a', 'é', '😀')
least('a', '')
sqrt(2)
sqrt(decimal '4.0')
is_nan(nan())
is_nan(1e0)
is_nan(cast(null as double))
is_finite(1e0)
is_finite(infinity())
is_finite(nan())
is_infinite(-infinity())
is_infinite(nan())
is_infinite(1e0)
pi()
e()
bitwise_and(12, 10)
bitwise_and(-1, 255)
bitwise_and(bigint '9223372036854775807', -2)
bitwise_or(12, 10)
bitwise_or(-8, 1)
bitwise_xor(12, 10)
bitwise_xor(-1, 1)
bitwise_not(0)
bitwise_not(-9223372036854775807)
bitwise_and(cast(null as bigint), 1)
