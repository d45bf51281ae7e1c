# Run by cpack behind its packing: cpack 3.25 names the files in the md5sums of the package with debug symbols by where
# they lay when it was made. Its control part is made anew, with names as dpkg reads them.
foreach(package ${CPACK_PACKAGE_FILES})
  if(NOT package MATCHES "\\.ddeb$")
    continue()
  endif()
  set(work ${CPACK_TEMPORARY_DIRECTORY}/symbols)
  file(REMOVE_RECURSE ${work})
  file(MAKE_DIRECTORY ${work})
  execute_process(COMMAND dpkg-deb -R ${package} ${work}/tree COMMAND_ERROR_IS_FATAL ANY)
  file(GLOB_RECURSE paths RELATIVE ${work}/tree ${work}/tree/usr/*)
  list(SORT paths)
  set(sums)
  foreach(path ${paths})
    file(MD5 ${work}/tree/${path} sum)
    string(APPEND sums "${sum}  ${path}\n")
  endforeach()
  file(WRITE ${work}/tree/DEBIAN/md5sums "${sums}")
  execute_process(
    COMMAND tar --create --gzip --file control.tar.gz --directory tree/DEBIAN --sort=name --format=gnu
            --owner=root:0 --group=root:0 --mode=u=rwX,go=rX --mtime=@${CPACK_SHIP_EPOCH} .
    WORKING_DIRECTORY ${work} COMMAND_ERROR_IS_FATAL ANY)
  execute_process(
    COMMAND ar rD ${package} control.tar.gz
    WORKING_DIRECTORY ${work} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
