/** The file with a user's defaults, in the folder of the configuration. */
export function configFilePath(configDir: string): string {
  return `${configDir}/config.toml`;
}
