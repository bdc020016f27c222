/* Include itself twice, and again in each of those, as deep as the compiler goes.
 *
 * area: compilers
 * ends: not built
 */
#ifndef ONCE
#define ONCE
#warning RAN
#endif
#include __FILE__
#include __FILE__
