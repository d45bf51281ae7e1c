# What is installed where. `cmake --install` takes what lies below the prefix; only packages bring the rest.
# Packing builds nothing: what is not there yet is an error.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
install(TARGETS fapilog-ship RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES completions/fapilog-ship.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        RENAME fapilog-ship)
install(FILES completions/fapilog-ship.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES completions/_fapilog-ship DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES config/reference.toml DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY config/examples/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(FILES packaging/deb/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})

# Where systemd and administrators look, whatever the prefix; only packages bring these.
install(FILES packaging/config.toml DESTINATION /etc/fapilog-ship COMPONENT system EXCLUDE_FROM_ALL)
set(SHIP_UNITS packaging/systemd/fapilog-ship@.service packaging/systemd/fapilog-ship@.socket)
install(FILES ${SHIP_UNITS} DESTINATION /lib/systemd/system COMPONENT system EXCLUDE_FROM_ALL)
install(FILES packaging/deb/lintian-overrides DESTINATION /usr/share/lintian/overrides RENAME fapilog-ship
        COMPONENT system EXCLUDE_FROM_ALL)
install(DIRECTORY DESTINATION /var/lib/fapilog-ship COMPONENT system EXCLUDE_FROM_ALL)
install(DIRECTORY DESTINATION /var/log/fapilog-ship COMPONENT system EXCLUDE_FROM_ALL)

# Compressed without name and time: the same bytes each time.
find_program(GZIP gzip)
set(SHIP_COMPRESSED ${PROJECT_BINARY_DIR}/packaging)
file(MAKE_DIRECTORY ${SHIP_COMPRESSED})
function(ship_compress source name)
  execute_process(COMMAND ${GZIP} -9nc ${source} OUTPUT_FILE ${SHIP_COMPRESSED}/${name} COMMAND_ERROR_IS_FATAL ANY)
  set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
endfunction()
if(GZIP)
  ship_compress(${PROJECT_SOURCE_DIR}/packaging/man/fapilog-ship.1 fapilog-ship.1.gz)
  ship_compress(${PROJECT_SOURCE_DIR}/packaging/man/fapilog-ship.toml.5 fapilog-ship.toml.5.gz)
  ship_compress(${PROJECT_SOURCE_DIR}/CHANGELOG.md NEWS.gz)
  install(FILES ${SHIP_COMPRESSED}/fapilog-ship.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${SHIP_COMPRESSED}/fapilog-ship.toml.5.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
  install(FILES ${SHIP_COMPRESSED}/NEWS.gz DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()
