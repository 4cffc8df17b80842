// Before the tests of each file: random input may be as long as its test says. By itself fast-check stops at ten
// elements, whatever is said to be the most, and hardly anything meets anything else among ten.

import fc from 'fast-check';

fc.configureGlobal({ defaultSizeToMaxWhenMaxSpecified: true });
