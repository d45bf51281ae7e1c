# Run by cpack: packs what it has laid out, and the debug symbols beside it. The same bytes whenever and wherever.
function(pack directory base)
  set(archive ${CPACK_PACKAGE_DIRECTORY}/${base}.tar)
  execute_process(COMMAND tar -C ${directory} --sort=name --format=ustar --mtime=@${CPACK_SHIP_EPOCH} --owner=0 --group=0
                  --numeric-owner --mode=u=rwX,go=rX --transform=s,^,${base}/, -cf ${archive} ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND xz -T1 -f ${CPACK_SHIP_XZ} ${archive} COMMAND_ERROR_IS_FATAL ANY)
  list(APPEND CPACK_EXTERNAL_BUILT_PACKAGES ${archive}.xz)
  set(CPACK_EXTERNAL_BUILT_PACKAGES ${CPACK_EXTERNAL_BUILT_PACKAGES} PARENT_SCOPE)
endfunction()

set(laid_out ${CPACK_TEMPORARY_DIRECTORY}/tarball)
file(GLOB parts RELATIVE ${laid_out} ${laid_out}/*)
pack(${laid_out} ${CPACK_SHIP_TARBALL} ${parts})
pack(${CPACK_SHIP_STRIPPED} ${CPACK_SHIP_TARBALL}-debug fapilog-ship.debug)
