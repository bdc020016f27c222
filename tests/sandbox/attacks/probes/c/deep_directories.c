/* Make folders inside folders, deeper than a tool that cleans up can follow.
 *
 * area: leftovers
 * ends: exit 0 | disk | descriptors | memory | signal 9
 */
#include "prelude.h"

int main(void) {
    long depth = 0;
    while (depth < 3000 && mkdir("d", 0700) == 0 && chdir("d") == 0) depth++;
    dprintf(1, "TOLD folders inside folders: %ld\n", depth);
    return 0;
}
