#include "sinks/file/file_error.hpp"

#include <cerrno>
#include <unistd.h>

#include "base/files.hpp"
#include "base/kernel_directory.hpp"

namespace ship {

Error with_file_advice(Error error, const std::string& path) {
  switch (error.code) {
    case ENOENT:
      error.message += is_kernel_directory(directory_of(path))
                           ? "; no file can be made in " + directory_of(path)
                           : "; the directory " + directory_of(path) +
                                 " does not exist: create it or correct the path";
      break;
    case ELOOP:
      error.message +=
          "; it is a symbolic link, which a file sink does not follow: name its target";
      break;
    case EISDIR:
      error.message += "; add a file name to the path";
      break;
    case EACCES:
    case EPERM:
      error.message += "; let user id " + std::to_string(::geteuid()) + " write to it";
      break;
    case ENXIO:
      error.message += "; it is a FIFO that nobody reads";
      break;
    case ENOSPC:
      error.message += "; make room on the disk";
      break;
    case EFBIG:
      error.message +=
          "; raise the limit on file size (ulimit -f), or rotate the file (rotate_size)";
      break;
    default:
      break;
  }
  return error;
}

}  // namespace ship
