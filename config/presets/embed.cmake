# Turns config/presets/*.toml into a source file, so that the program needs no file at run time.
file(GLOB SHIP_PRESET_FILES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/config/presets/*.toml)
list(SORT SHIP_PRESET_FILES)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${SHIP_PRESET_FILES})
set(SHIP_PRESET_ROWS "")
foreach(preset_file ${SHIP_PRESET_FILES})
  get_filename_component(preset_name ${preset_file} NAME_WE)
  file(READ ${preset_file} preset_text)
  string(APPEND SHIP_PRESET_ROWS "    {\"${preset_name}\", R\"toml(${preset_text})toml\"},\n")
endforeach()
configure_file(${PROJECT_SOURCE_DIR}/config/presets/presets.cpp.in ${PROJECT_BINARY_DIR}/generated/presets.cpp
               @ONLY)
