/* Build a program of several hundred megabytes, and let it run before main begins.
 *
 * area: compilers
 * ends: not built
 */
#warning RAN
#include "prelude.h"

struct Giant {
    char body[400 * MIB] = {1};
} giant;
struct Early {
    Early() { dprintf(1, "BREACH a program of 400 MiB runs before main (%d)\n", giant.body[0]); }
} early;

int main() { return 0; }
