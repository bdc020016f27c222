/* Read and change files of the host, by streams and by the library of file systems.
 *
 * area: host files
 */
#include "prelude.h"
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>

namespace fs = std::filesystem;

int main() {
    std::string line;
    std::ifstream secret("@SECRET_FILE@");
    std::cout << (std::getline(secret, line) ? "BREACH the secret: " + line : "TOLD the secret cannot be opened") << std::endl;
    std::ofstream database("@DATABASE@", std::ios::app);
    std::cout << (database << "x" << std::flush ? "BREACH the database was changed" : "TOLD the database cannot be opened") << std::endl;
    std::error_code problem;
    fs::copy_file("@DATABASE@", "copy", problem);
    std::cout << (problem ? "TOLD copy: " + problem.message() : "BREACH it was copied") << std::endl;
    fs::remove_all("@HOST@", problem);
    std::cout << (problem || !fs::exists("@HOST@") ? "TOLD remove: it is not there" : "BREACH removed what it could") << std::endl;
}
