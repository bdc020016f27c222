/* End by an exception that nobody catches, after closing what would tell of it.
 *
 * area: endings
 * ends: signal 6
 * naive: it reports the signal
 */
#include "prelude.h"
#include <stdexcept>

int main() {
    close(2);
    throw std::runtime_error("nobody");
}
