/* Find what the run before it left in memory shared by name, and in its folder.
 *
 * area: spying
 * runs: in turn
 */
#include "prelude.h"
#include <fstream>

int main() {
    const bool first = is_first() != 0;
    int shared = shm_open("/@MARK@-memory", first ? O_CREAT | O_RDWR : O_RDWR, 0600);
    if (first) {
        std::ofstream("note") << "x";
        dprintf(1, "TOLD memory was shared: %d\n", shared >= 0 && ftruncate(shared, 4096) == 0);
        return 0;
    }
    told("find the memory", shared);
    dprintf(1, "%s\n", std::ifstream("note") ? "BREACH the folder is the same" : "TOLD the folder is new");
    return 0;
}
