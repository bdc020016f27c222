/* Let the compiler write out a list of a hundred million numbers.
 *
 * area: compilers
 * ends: not built
 */
#warning RAN
template <int... numbers> struct List {};
template <int count> using Counted = List<__integer_pack(count)...>;

int main() { return (int)sizeof(Counted<100000000>); }
