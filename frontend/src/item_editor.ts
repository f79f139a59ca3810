import { readConfig } from "./dom";
import { KeptForm, type KeptWords } from "./kept_form";
import { MarkdownField, type MarkdownWords } from "./markdown_field";
import { remember } from "./memory";

interface EditorConfig {
  name: string;
  previewUrl: string;
  csrf: string;
  words: MarkdownWords & KeptWords;
}

for (const saved of document.querySelectorAll<HTMLElement>("[data-saved-name]")) {
  remember(saved.dataset.savedName ?? "", null);
}
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-item-editor]")) {
  const config = readConfig<EditorConfig>(form, "itemEditor");
  for (const field of form.querySelectorAll<HTMLTextAreaElement>("textarea[data-markdown]")) {
    new MarkdownField(field, config);
  }
  new KeptForm(form, config.name, config.words);
}
