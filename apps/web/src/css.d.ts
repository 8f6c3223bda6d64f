/** CSS modules, as Vite gives them to a module. */
declare module '*.module.css' {
  const classes: Readonly<Record<string, string>>
  export { classes as default }
}
declare module '*.css' {}
declare module '*?worker&url' {
  const url: string
  export { url as default }
}
