# The program as it runs on any Linux with glibc 2.34 or newer: the same objects, linked with static libraries.
# SHIP_PORTABLE names what packaging/portable/libraries made; the target is `portable`.
set(SHIP_PORTABLE "" CACHE PATH "Static libraries made by packaging/portable/libraries; builds the target portable")
if(NOT SHIP_PORTABLE)
  return()
endif()

# Our own libraries one by one, for the targets would bring the shared ones along.
add_executable(portable EXCLUDE_FROM_ALL cli/main.cpp packaging/portable/glibc.cpp ${SHIP_POSTGRES_ABSENT})
set_target_properties(portable PROPERTIES OUTPUT_NAME fapilog-ship RUNTIME_OUTPUT_DIRECTORY portable/whole)
add_dependencies(portable ship_cli ship_config ship)
target_include_directories(portable PRIVATE src ${PROJECT_SOURCE_DIR})
target_compile_definitions(portable PRIVATE SHIP_VERSION="${PROJECT_VERSION}")
set(ship_static ssl crypto z deflate zstd re2 snappy)
if(VECTORSCAN_FOUND)
  list(APPEND ship_static hs)
endif()
list(TRANSFORM ship_static REPLACE "(.+)" "-l:lib\\1.a")
target_link_libraries(portable PRIVATE ship_flags $<TARGET_FILE:ship_cli> $<TARGET_FILE:ship_config> $<TARGET_FILE:ship>
  ${SHIP_PORTABLE}/lib/librdkafka.a ${SHIP_PORTABLE}/lib/libcurl.a ${SHIP_PORTABLE}/lib/libmicrohttpd.a
  ${SHIP_PORTABLE}/lib/libsimdjson.a ${SHIP_PORTABLE}/lib/libprometheus-cpp-core.a
  ${ship_static} Threads::Threads m)
# The map says which libraries something was taken from: packaging/sbom reads it.
target_link_options(portable PRIVATE -static-libstdc++ -static-libgcc
                    LINKER:-Map=${PROJECT_BINARY_DIR}/portable/whole/fapilog-ship.map)

# What is packed: the program without its symbols, and these in a file that debuggers find by its name.
set(SHIP_STRIPPED ${PROJECT_BINARY_DIR}/portable)
add_custom_command(TARGET portable POST_BUILD WORKING_DIRECTORY ${SHIP_STRIPPED}
  COMMAND ${CMAKE_OBJCOPY} --only-keep-debug --compress-debug-sections whole/fapilog-ship fapilog-ship.debug
  COMMAND ${CMAKE_STRIP} --strip-unneeded --remove-section=.comment -o fapilog-ship whole/fapilog-ship
  COMMAND ${CMAKE_OBJCOPY} --add-gnu-debuglink=fapilog-ship.debug fapilog-ship VERBATIM)
