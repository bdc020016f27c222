/* Let the compiler read a file of the host, and quote it in an error.
 *
 * area: compilers
 * ends: not built
 */
#warning RAN
#include "@SECRET_FILE@"

int main(void) { return 0; }
