/* Let the assembler put a file of the host into the program, which then prints it.
 *
 * area: compilers
 * ends: not built
 */
#warning RAN
#include "prelude.h"

__asm__(".data\nsecret: .incbin \"@SECRET_FILE@\"\n.byte 0\n.text");
extern char secret[];

int main(void) {
    dprintf(1, "BREACH %s\n", secret);
    return 0;
}
