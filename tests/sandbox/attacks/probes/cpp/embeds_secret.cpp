/* Let the compiler put a file of the host into a constant, which the program prints.
 *
 * area: compilers
 * ends: not built
 */
#warning RAN
#include "prelude.h"

const char secret[] =
#include "@SECRET_FILE@"
;

int main() {
    dprintf(1, "BREACH %s\n", secret);
    return 0;
}
