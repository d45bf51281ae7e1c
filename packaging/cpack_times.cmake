# Run by cpack before it packs: everything bears one time, so that the packages are the same wherever they are made.
execute_process(COMMAND find ${CPACK_TEMPORARY_DIRECTORY} -exec touch -h -d @${CPACK_SHIP_EPOCH} "{}" +
                COMMAND_ERROR_IS_FATAL ANY)
