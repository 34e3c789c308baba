/** Values of `--whiteouts`. */
export const WHITEOUT_CHOICES = ["oci", "overlay"] as const;
