/* Build a program of several hundred megabytes from one line.
 *
 * area: compilers
 * ends: not built
 */
#warning RAN
#include "prelude.h"

static char giant[400 * MIB] = {1};

int main(int count, char **arguments) {
    (void)arguments;
    dprintf(1, "BREACH a program of 400 MiB was built (%d)\n", giant[count]);
    return 0;
}
