/** Makes an element with a class and children; `attributes` are set as they are. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  if (className) element.className = className;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** Makes a button that scripts handle. */
export function button(className: string, label: string, onPress: () => void): HTMLButtonElement {
  const made = make("button", className, { type: "button" }, label);
  made.addEventListener("click", onPress);
  return made;
}

/** Reads the JSON that the page left in a data attribute. */
export function readConfig<Config>(element: HTMLElement, name: string): Config {
  return JSON.parse(element.dataset[name] ?? "{}") as Config;
}
